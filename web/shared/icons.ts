/** The icons that scripts draw, as path data on a 24 grid; templates have their own set. */
export const paths = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M7 5h3v14H7zM14 5h3v14h-3z",
  volume: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  muted: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  fullscreen: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  leaveFullscreen: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
  pictureInPicture: "M3 5h18v14H3zM12 12h6v4h-6z",
  sound: "M4 14v-1a8 8 0 0 1 16 0v1M4 14h3v6H5a1 1 0 0 1-1-1zM20 14h-3v6h2a1 1 0 0 0 1-1z",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  retry: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  folder: "M3 6h6l2 2h10v11H3z",
  upload: "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4",
  film: "M3 5h18v14H3zM10 9l5 3-5 3z",
  slides: "M3 4h18M5 4v11h14V4M12 15v5M8 20h8",
  bulb: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9c.5.5.7 1.1.7 2.1h5.6c0-1 .2-1.6.7-2.1A6 6 0 0 0 12 3z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L20 20",
} as const;

export type IconName = keyof typeof paths;
