/** The root test of each test file that runs together with others in one process, by the file's URL (see test/suite). */
export const roots = new Map();
