import { words } from "../words.ts";
import { en } from "./messages.en.ts";
import { zh } from "./messages.zh.ts";

export type { Key } from "./messages.zh.ts";

/** The words of the lead classroom. */
export const say = words(zh, en);
