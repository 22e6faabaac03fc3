/**
 * The upload page: mounts at `#upload-app` with the choices of `#upload-config`.
 *
 * store.ts and plan.ts hold the state and its rules, uploader.ts the edges, mount.ts the views.
 */
import { mountViews } from "./mount.ts";
import { Uploader } from "./uploader.ts";
import type { Config } from "./vocabulary.ts";

const root = document.getElementById("upload-app");
const config = document.getElementById("upload-config")?.textContent;
if (root && config) {
  const parsed = JSON.parse(config) as Config;
  void new Uploader(parsed, mountViews(root, parsed)).restore();
}
