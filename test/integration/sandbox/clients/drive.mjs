/** A process of its own around one gateway's client library: calls come by message, and so do what they return and throw. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the library is installed: here, or in a folder for those that are not among our own dependencies. */
const require = createRequire(path.join(process.env.CLIENT_FOLDER ?? process.cwd(), 'package.json'));

/** How each library is opened, by the name of its package; `settings` are its own. */
const OPEN = {
  '@paystack/paystack-sdk': (library, { secretKey }) => new library(secretKey),
  'flutterwave-node-v3': (library, { publicKey, secretKey, baseUrl }) => new library(publicKey, secretKey, baseUrl),
  'monnify-nodejs-lib': ({ MonnifyAPI }, { apiKey, secretKey }) =>
    new MonnifyAPI({ MONNIFY_APIKEY: apiKey, MONNIFY_SECRET: secretKey }),
  'mtn-momo': ({ create }, { global, collections, disbursements }) => {
    const momo = create(global);
    return { collections: momo.Collections(collections), disbursements: momo.Disbursements(disbursements) };
  },
};

const name = process.env.CLIENT_LIBRARY;
const settings = JSON.parse(process.env.CLIENT_SETTINGS);
const loaded = await import(pathToFileURL(require.resolve(name)).href);
// A CommonJS library stands behind `default`.
const client = OPEN[name](loaded.default ?? loaded, settings);

process.on('message', ({ id, call, args }) => {
  const steps = call.split('.');
  const method = steps.pop();
  let owner = client;
  for (const step of steps) owner = owner[step];
  new Promise((resolve) => {
    resolve(owner[method](...args));
  }).then(
    (value) => process.send({ id, value }),
    (error) => process.send({ id, error: { name: error.name, message: String(error.message) } }),
  );
});
process.send({ ready: true });
