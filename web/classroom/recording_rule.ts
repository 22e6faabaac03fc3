/** What a class's recording shows of pupils' rooms, in words: said to every room before it begins. */
import { words } from "./words.ts";

export interface RecordingRule {
  rooms_seen: boolean;
  rooms_heard: boolean;
}

const say = words(
  {
    both: "录像里看得到、也听得到听讲教室的学生",
    seen: "录像里看得到听讲教室的学生，听不到",
    heard: "录像里听得到听讲教室的学生，看不到",
    none: "录像里看不到、也听不到听讲教室的学生",
  },
  {
    both: "Pupils of the receiving rooms are seen and heard in the recording",
    seen: "Pupils of the receiving rooms are seen in the recording, and not heard",
    heard: "Pupils of the receiving rooms are heard in the recording, and not seen",
    none: "Pupils of the receiving rooms are neither seen nor heard in the recording",
  },
);

export function ruleOf({ rooms_seen: seen, rooms_heard: heard }: RecordingRule): string {
  if (seen) return say(heard ? "both" : "seen");
  return say(heard ? "heard" : "none");
}
