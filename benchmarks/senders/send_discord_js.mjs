// Sends with discord.js what one line of its input says; its last line says what became of it.
// Arguments: the API's URL, the token.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [api, token] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const { REST, Routes } = require("discord.js");

const rest = new REST({ api, version: "10" }).setToken(token);
const failed = {};

async function send([channel, content]) {
  try {
    await rest.post(Routes.channelMessages(channel), { body: { content } });
  } catch (error) {
    failed[error.name] = (failed[error.name] ?? 0) + 1;
  }
}

await rest.get(Routes.user());
console.log("ready");
const input = createInterface({ input: process.stdin });
const load = JSON.parse((await input[Symbol.asyncIterator]().next()).value);
if (load.one_by_one) for (const one of load.sends) await send(one);
else await Promise.all(load.sends.map(send));
console.log(JSON.stringify(failed));
process.exit(0);
