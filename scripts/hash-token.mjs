// `npm run hash-token`: makes a new random token for RBAC_FILE. Only its hash is kept; the token itself is shown this once.
import { createHash, randomBytes } from 'node:crypto';

const token = `baton_${randomBytes(32).toString('base64url')}`;
const sha256 = createHash('sha256').update(token).digest('hex');

console.log(`token:  ${token}`);
console.log(`sha256: ${sha256}`);
console.log(`entry:  ${JSON.stringify({ name: 'choose-a-name', role: 'operator', sha256 })}`);
