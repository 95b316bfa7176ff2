/**
 * Loaded before a client library that lets nobody set its address: what it sends to the hosts in CLIENT_HOSTS goes to the
 * sandbox instead, byte for byte but for the encryption. Every other host is refused, and told to the test: nothing that a
 * library may want to report leaves this machine.
 */
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

/** @type {Record<string, string>} the sandbox's address by the host that the library believes in */
const hosts = JSON.parse(process.env.CLIENT_HOSTS ?? '{}');

/** @type {typeof https.request} */
function request(...given) {
  const answer = given.find((argument) => typeof argument === 'function');
  const options = given.filter((argument) => typeof argument !== 'function').map(optionsOf);
  const asked = Object.assign({}, ...options);
  const host = asked.hostname ?? asked.host ?? 'localhost';
  const to = hosts[host] === undefined ? undefined : new URL(hosts[host]);
  if (to === undefined) {
    process.send?.({ refused: host });
    return http.request(
      { createConnection: (_options, done) => done(new Error(`${host} is not the sandbox`)) },
      answer,
    );
  }
  const redirected = { ...asked, protocol: 'http:', host: to.hostname, hostname: to.hostname, port: to.port };
  // An agent for encrypted connections refuses others.
  delete redirected.agent;
  return http.request(redirected, answer);
}

function optionsOf(given) {
  const url = typeof given === 'string' ? new URL(given) : given;
  if (!(url instanceof URL)) return url;
  return { hostname: url.hostname, port: url.port, path: `${url.pathname}${url.search}` };
}

https.request = request;
https.get = (...given) => {
  const asked = request(...given);
  asked.end();
  return asked;
};
syncBuiltinESMExports();
