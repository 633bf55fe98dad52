// A bot on discord.js, unchanged but for the address of the API; says in JSON lines what it sees.
// Arguments: the API's URL, the gateway's URL (discord.js asks for it itself), the token.

import { createRequire } from "node:module";

const [api, , token] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const { Client, GatewayIntentBits, Events, ActionRowBuilder, ButtonBuilder, ButtonStyle } = require("discord.js");

const say = (what, more = {}) => console.log(JSON.stringify({ what, ...more }));
const { Guilds, GuildMessages, MessageContent, GuildMembers } = GatewayIntentBits;
const client = new Client({ intents: [Guilds, GuildMessages, MessageContent, GuildMembers], rest: { api, version: "10" } });

client.once(Events.ClientReady, async (ready) => {
  say("ready", { user: ready.user.username, guilds: ready.guilds.cache.map((guild) => guild.name) });
  const option = { type: 3, name: "name", description: "Whom", required: true };
  await ready.application.commands.set([{ name: "greet", description: "Greets somebody", options: [option] }]);
  say("commands");
});
client.on(Events.ShardResume, () => say("resumed"));
client.on(Events.Error, (error) => say("error", { error: String(error) }));
process.on("unhandledRejection", (error) => say("error", { error: String(error) }));
client.on(Events.MessageCreate, async (message) => {
  if (message.content.startsWith("!ping")) await message.channel.send(message.content.replace("ping", "pong"));
  if (message.content === "!button") {
    const button = new ButtonBuilder().setCustomId("press").setLabel("Press me").setStyle(ButtonStyle.Primary);
    await message.channel.send({ content: "A button:", components: [new ActionRowBuilder().addComponents(button)] });
  }
});
client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isChatInputCommand()) await interaction.reply(`Hello ${interaction.options.getString("name")}!`);
  if (interaction.isButton()) await interaction.reply("You pressed it.");
});
client.login(token);
