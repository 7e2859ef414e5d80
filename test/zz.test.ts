import t from 'tap';
import { startOperator } from './support/operator.js';
t.ok(startOperator);
