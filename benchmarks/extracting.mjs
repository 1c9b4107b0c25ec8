// node extracting.mjs readability|defuddle NODE_MODULES: a page as JSON text on each line in, its extract likewise out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [kind, folder] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/`));
const { JSDOM, VirtualConsole } = require("jsdom");
const quiet = new VirtualConsole();
console.log = console.warn = console.error = console.info = () => {};

function lines(html) {
  const { document } = new JSDOM(html).window;
  const blocks = "p,div,figure,figcaption,li,ul,ol,h1,h2,h3,h4,h5,h6,td,tr,table,blockquote,section,article,br,pre,dt,dd";
  for (const each of document.querySelectorAll(blocks)) { each.before("\n"); each.after("\n"); }
  return document.body.textContent;
}

async function extract(html) {
  if (kind === "readability") {
    const { Readability } = require("@mozilla/readability");
    const { document } = new JSDOM(html, { url: "https://example.org/", virtualConsole: quiet }).window;
    return lines(new Readability(document).parse()?.content ?? "");
  }
  const { Defuddle } = await import(pathToFileURL(`${folder}/defuddle/dist/node.js`));
  const { document } = new JSDOM(html, { url: "https://example.org/", virtualConsole: quiet }).window;
  return (await Defuddle(document, "https://example.org/", { markdown: true, useAsync: false })).content ?? "";
}

for await (const line of createInterface({ input: process.stdin })) {
  let told = "";
  try { told = await extract(JSON.parse(line)); } catch { /* an extractor that gives up gives nothing */ }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
