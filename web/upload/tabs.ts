/**
 * Other windows of this browser with the upload page: what they are sending is not to be gone on
 * with, or sent once more, in this one.
 */

/** They answer within a few; a window that hangs is not waited for. */
const ANSWER_MS = 200;

type Message = { type: "who" } | { type: "mine"; names: string[] };

export class Tabs {
  private readonly channel: BroadcastChannel | null;

  /** `mine` names what this window has in hand: prints of files, addresses of uploads. */
  constructor(channel: BroadcastChannel | null, mine: () => string[]) {
    this.channel = channel;
    channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
      if (data.type === "who") channel.postMessage({ type: "mine", names: mine() } satisfies Message);
    });
  }

  /** What the others have in hand. */
  async others(): Promise<ReadonlySet<string>> {
    const { channel } = this;
    const found = new Set<string>();
    if (!channel) return found;
    const hear = ({ data }: MessageEvent<Message>): void => {
      if (data.type === "mine") data.names.forEach((name) => found.add(name));
    };
    channel.addEventListener("message", hear);
    channel.postMessage({ type: "who" } satisfies Message);
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    channel.removeEventListener("message", hear);
    return found;
  }
}

/** One for each account, since a classroom's computer is everybody's. */
export function channelOf(user: number): BroadcastChannel | null {
  return "BroadcastChannel" in window ? new BroadcastChannel(`tongke-uploads-${user}`) : null;
}
