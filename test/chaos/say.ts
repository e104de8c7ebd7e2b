/** Tells people how it goes; what programs read goes to stdout. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);
