/** The words of the comparison's controls. */
import { words } from "../words.ts";

export const say = words(
  {
    controls: "一起播放两节课",
    play: "一起播放",
    pause: "一起暂停",
    apart: "各自移动",
    together: "一起移动",
    align: "从这里对齐",
    hearLeft: "听左边的声音",
    hearRight: "听右边的声音",
    aligned: "两节课从头对齐",
    rightAhead: "右边从 {at} 起对齐",
    rightBehind: "左边从 {at} 起对齐",
  },
  {
    controls: "Play both lessons",
    play: "Play both",
    pause: "Pause both",
    apart: "Move each alone",
    together: "Move both together",
    align: "Align here",
    hearLeft: "Hear the left one",
    hearRight: "Hear the right one",
    aligned: "Both from their beginning",
    rightAhead: "The right one is aligned from {at} on",
    rightBehind: "The left one is aligned from {at} on",
  },
);
