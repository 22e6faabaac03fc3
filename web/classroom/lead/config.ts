/** What the page is given: services/classes/classroom/lead_pages.py. */
import type { RecordingRule } from "../recording_rule.ts";

export interface Seat {
  id: string;
  name: string;
  school: string;
}

export interface Config {
  id: number;
  title: string;
  teacher: string;
  purpose: "lesson" | "training";
  begins_at: string;
  /** Before that the service begins it for nobody. */
  may_begin_at: string;
  rooms: Seat[];
  /** Whether pupils' rooms are seen and heard in the recording, which is the lesson as it goes out. */
  recording: RecordingRule;
  /** What pupils type on their phones, while the class runs. */
  phone_code: string | null;
  /** How many of the materials it is given with have no pages, and so cannot be shown. */
  unshown: number;
  /** A recording appliance may push from the room that leads. */
  appliance: boolean;
}

export function readConfig(): Config {
  return JSON.parse(document.getElementById("lead-config")?.textContent ?? "{}") as Config;
}
