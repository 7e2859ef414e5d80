/** What an operator may be allowed to do. Apart from the policies themselves, so that the command line can name it at no cost. */

export const operatorTasks = ['dry-run', 'deploy', 'teardown', 'status', 'verify', 'backfill'] as const;

export type OperatorTask = (typeof operatorTasks)[number];
