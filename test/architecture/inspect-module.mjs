/**
 * Boots one feature module of the built program with the kernel and nothing else, and prints what it declares and registers:
 * node inspect-module.mjs <file> <name>
 */
import 'reflect-metadata';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const DIST = path.resolve(import.meta.dirname, '../../dist');
const load = (file) => import(pathToFileURL(path.resolve(DIST, file)).href);

const [file, name] = process.argv.slice(2);
const { KernelModule } = await load('kernel/kernel.module.js');
const { ConsumerRegistry } = await load('kernel/outbox/consumer.js');
const { Databases } = await load('kernel/database/databases.js');
const { CONSUMERS, projectCredentials } = await load('contracts/consumers.js');
const { readEnv } = await load('config/env.js');

const [feature] = Object.values(await load(file));
const nameOf = async (imported) => {
  const resolved = await imported;
  return (resolved?.forwardRef?.() ?? resolved?.module ?? resolved)?.name ?? String(resolved);
};
const declared = (key) => Promise.all((Reflect.getMetadata(key, feature) ?? []).map(nameOf));

const options = {
  env: readEnv(),
  consumers: CONSUMERS,
  accessConsumer: projectCredentials,
  hosted: CONSUMERS.filter((consumer) => consumer.module === name),
  giveUp: () => process.exit(1),
};
class Alone {}
Module({ imports: [KernelModule.forRoot(options), feature] })(Alone);
const app = await NestFactory.createApplicationContext(Alone, { logger: false, abortOnError: false });
const consumers = app
  .get(ConsumerRegistry)
  .all()
  .map(({ definition }) => definition);
const report = {
  module: feature.name,
  exports: await declared('exports'),
  imports: await declared('imports'),
  kernelModules: [KernelModule.name],
  consumers,
};
await app.close();
await app.get(Databases).close();
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
