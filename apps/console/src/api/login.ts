import { createFlag } from '../flag.js';

const login = createFlag();

/** Opens the dialog that asks for a token. */
export const askForToken = login.raise;
export const closeLogin = login.lower;
/** Whether a token is asked for. */
export const useLoginAsked = login.use;
