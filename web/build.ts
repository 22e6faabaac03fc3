/**
 * Bundles the page scripts and their styles with esbuild.
 *
 * Called by hatch_build.py with the folder to write to; a test names scripts of its own after it.
 * Names carry a hash of their content, so that the server may say "keep for ever"; `manifest.json`
 * tells pages the current names.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";

const root = import.meta.dirname;
const [, , out, ...entries] = process.argv;
if (out === undefined) throw new Error("usage: node build.ts <folder to write to> [scripts]");

const hls = join(root, "node_modules/hls.js");
const version = (JSON.parse(readFileSync(join(hls, "package.json"), "utf8")) as { version: string }).version;

/**
 * hls.js is built from its source with its authors' own switches: captions, DRM, advertisements
 * and steering are left out, which takes 55 kB gzip off the 185 that its ready-made build weighs
 * (half a second on a 1 Mbit/s line). Its light build also lacks alternate audio, which we need.
 */
const hlsSwitches = {
  __IN_WORKER__: "false",
  __HLS_WORKER_BUNDLE__: "undefined",
  __VERSION__: JSON.stringify(version),
  __USE_ALT_AUDIO__: "true",
  __USE_CMCD__: "false",
  __USE_CONTENT_STEERING__: "false",
  __USE_EME_DRM__: "false",
  __USE_IFRAMES__: "false",
  __USE_INTERSTITIALS__: "false",
  __USE_M2TS_ADVANCED_CODECS__: "false",
  __USE_MEDIA_CAPABILITIES__: "true",
  __USE_SUBTITLES__: "false",
  __USE_VARIABLE_SUBSTITUTION__: "false",
};

const result = await build({
  absWorkingDir: root,
  entryPoints: entries.length ? entries : ["page.ts", "page.css", "player/player.ts", "player/player.css", "upload/upload.ts", "upload/upload.css", "resource/resource.css", "booking/booking.ts", "classroom/worklet.ts", "classroom/lead/lead.ts", "classroom/lead/lead.css", "classroom/lead/ticker.ts", "classroom/patrol/patrol.ts", "classroom/after/marks.ts", "classroom/after/compare.ts", "classroom/room/room.ts", "classroom/room/room.css", "classroom/watch/watch.ts", "classroom/watch/watch.css", "classroom/phone/phone.ts", "classroom/phone/phone.css"],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  // The classroom PCs' browser: pages.md.
  target: "chrome86",
  minify: true,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  metafile: true,
  logLevel: "warning",
  alias: { "hls.js": join(hls, "src/hls.ts") },
  define: hlsSwitches,
});

/** Names of pages' files by what they are made from: `{"player.js": "player-ABC123.js"}`. */
function manifest(outputs: Metafile["outputs"]): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint === undefined) continue;
    const made = basename(entryPoint) === "hls.ts" ? "hls.js" : basename(entryPoint).replace(/\.ts$/, ".js");
    names[made] = basename(path);
  }
  return names;
}

const files = Object.keys(result.metafile.outputs).map((path) => basename(path));
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest(result.metafile.outputs), null, 2));
writeFileSync(join(out, "files.json"), JSON.stringify(files));
