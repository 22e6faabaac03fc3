/** What the form of a booking asks the server, as it is filled in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { occupation } from "../booking/occupation.ts";

function form(fields: [string, string][]): FormData {
  const made = new FormData();
  for (const [name, value] of fields) made.append(name, value);
  return made;
}

const DAY: [string, string] = ["day", "2026-11-24"];

test("nothing is asked before there is a day and a time", () => {
  assert.equal(occupation(form([["period", "2"]]), "1", undefined), null);
  assert.equal(occupation(form([DAY, ["begins", "08:00"]]), "1", undefined), null);
});

test("a period stands for its times, and rooms bring the teachers beside their pupils", () => {
  const asked = occupation(form([
    DAY, ["period", "2"], ["begins", "08:00"], ["ends", "08:40"], ["repeat", "odd"], ["teacher", "7"],
    ["room", "1"], ["seat", "2"], ["teacher-2", "9"], ["seat", "3"], ["teacher-3", ""], ["teacher-4", "11"],
  ]), "1", undefined);
  assert.deepEqual(asked, {
    when: { day: "2026-11-24", period: 2, begins: null, ends: null, repeat: "odd" },
    school_id: 1, room_ids: [1, 2, 3], teacher_ids: [7, 9], but: null, scope: "one",
  });
});

test("a class that is moved names itself", () => {
  const asked = occupation(form([DAY, ["begins", "08:00"], ["ends", "08:40"], ["teacher", "7"]]), "1", "12");
  assert.deepEqual(asked?.when, { day: "2026-11-24", period: null, begins: "08:00", ends: "08:40", repeat: "once" });
  assert.equal(asked?.but, 12);
  assert.equal(asked?.scope, "one");
});

test("a change of those that follow asks for them, too", () => {
  const asked = occupation(form([DAY, ["period", "2"], ["scope", "following"]]), "1", "12");
  assert.equal(asked?.scope, "following");
});
