// tus-js-client, as a page uses it: begins, is cut off in the middle, goes on from its own record.
// Arguments: endpoint, token, number of bytes. Prints the resource and the offsets it was told.
import { createHash } from 'node:crypto';
import { Upload } from 'tus-js-client';

const [endpoint, token, count] = process.argv.slice(2);
const bytes = Buffer.alloc(Number(count));
for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 255;

const accepted = [];
let resource = null;

function upload(uploadUrl) {
  return new Promise((resolve, reject) => {
    const one = new Upload(bytes, {
      endpoint,
      uploadUrl,
      chunkSize: 64 * 1024,
      retryDelays: [0, 50, 100],
      headers: { Authorization: `Bearer ${token}` },
      metadata: { filename: '有理数（第1课时）.txt', title: '有理数', kind: 'courseware' },
      onChunkComplete: (_size, offset) => {
        accepted.push(offset);
        if (!uploadUrl && offset >= bytes.length / 2) {
          one.abort().then(() => resolve(one.url));
        }
      },
      onAfterResponse: (_request, response) => {
        resource = response.getHeader('Tongke-Resource') ?? resource;
      },
      onError: reject,
      onSuccess: () => resolve(one.url),
    });
    one.start();
  });
}

const url = await upload(null);
const cutAt = accepted.at(-1);
await upload(url);
const sha256 = createHash('sha256').update(bytes).digest('hex');
console.log(JSON.stringify({ url, cutAt, accepted, resource, sha256 }));
