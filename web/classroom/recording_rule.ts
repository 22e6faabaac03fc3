/** What a class's recording shows of pupils' rooms, and who may see it, in words: said to every room before it begins. */
import { words } from "./words.ts";

export interface RecordingRule {
  rooms_seen: boolean;
  rooms_heard: boolean;
  /** Whom it is for besides the teachers who take part and the heads of the lead school. */
  also_for: string[];
}

const say = words(
  {
    both: "录像里看得到、也听得到听讲教室的学生",
    seen: "录像里看得到听讲教室的学生，听不到",
    heard: "录像里听得到听讲教室的学生，看不到",
    none: "录像里看不到、也听不到听讲教室的学生",
    inside: "录像只给参加的老师和主讲学校的管理员看",
    also: "录像给参加的老师和主讲学校的管理员看，还有：{names}",
    and: "、",
  },
  {
    both: "Pupils of the receiving rooms are seen and heard in the recording",
    seen: "Pupils of the receiving rooms are seen in the recording, and not heard",
    heard: "Pupils of the receiving rooms are heard in the recording, and not seen",
    none: "Pupils of the receiving rooms are neither seen nor heard in the recording",
    inside: "The recording is only for the teachers who take part and the administrators of the lead school",
    also: "The recording is for the teachers who take part, the administrators of the lead school, and also: {names}",
    and: ", ",
  },
);

export function ruleOf({ rooms_seen: seen, rooms_heard: heard }: RecordingRule): string {
  if (seen) return say(heard ? "both" : "seen");
  return say(heard ? "heard" : "none");
}

/** Whether something of the rooms is to be left out of the recording. An appliance knows no such rule. */
export function leavesOut({ rooms_seen: seen, rooms_heard: heard }: RecordingRule): boolean {
  return !seen || !heard;
}

export function seenBy({ also_for: names }: RecordingRule): string {
  return names.length > 0 ? say("also", { names: names.join(say("and")) }) : say("inside");
}
