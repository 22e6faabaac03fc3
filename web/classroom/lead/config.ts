/** What the page is given: services/live/lead_pages.py. */

export interface Seat {
  id: string;
  name: string;
  school: string;
}

export interface Config {
  id: number;
  title: string;
  teacher: string;
  begins_at: string;
  rooms: Seat[];
  /** Whether pupils' rooms are seen and heard in the recording, which is the lesson as it goes out. */
  recording: { rooms_seen: boolean; rooms_heard: boolean };
  /** What pupils type on their phones, while the class runs. */
  phone_code: string | null;
}

export function readConfig(): Config {
  return JSON.parse(document.getElementById("lead-config")?.textContent ?? "{}") as Config;
}
