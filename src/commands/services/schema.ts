/**
 * The schema of `services --json`.
 */
import {
  constant,
  either,
  list,
  object,
  oneOfTexts,
  orNull,
  type TypeOf,
  text,
  trueOrFalse,
} from '../../schema/schema.js';

const slug = text("The service's slug, as in --service.");
const name = text("The service's name.");

export const servicesSchema = object(
  {
    version: constant(1, 'The version of this format.'),
    services: list(
      either(
        [
          object(
            {
              slug,
              name,
              prefix: text("The prefix of its addresses' local parts."),
              standing: oneOfTexts(['routed by default', 'planned'], 'planned: off unless turned on.'),
              terms: text('The URL of its terms of service.'),
              on: trueOrFalse('Whether a deploy with the same settings would route its mail.'),
              termsReviewed: orNull(
                text('A date: YYYY-MM-DD.'),
                'When its terms were reviewed, according to --tos-reviewed; null without it.',
              ),
            },
            'A supported service.',
          ),
          object(
            {
              slug,
              name,
              standing: constant('not supported', 'It is not supported.'),
              reason: text('The reason.'),
              change: text('What its support requires.'),
            },
            'A service that is not supported.',
          ),
        ],
        'A service.',
      ),
      'The services of the catalogue.',
    ),
  },
  'What services --json prints.',
);

export type ServicesDocument = TypeOf<typeof servicesSchema>;
