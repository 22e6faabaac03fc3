/** hls.js' loader of playlists: given those that are pushed, and asking for all others. */
import type HlsClass from "hls.js";
import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderStats, PlaylistLoaderConstructor, PlaylistLoaderContext } from "hls.js";
import { lineOf, type PushedPlaylists } from "./pushed.ts";

/**
 * Three parts: what is pushed is here long before, and hls.js itself waits 1.6 s for what it asks for. Up to half of
 * it more, so that a class whose lead stands still for a moment does not ask as one.
 */
const PATIENCE_MS = 750;
const SPREAD = 0.5;
/** As long as the service holds a request for what does not come. */
const LOOK_AGAIN_MS = 6000;

type Callbacks = LoaderCallbacks<PlaylistLoaderContext>;

export function pushedLoader(player: typeof HlsClass, pushed: PushedPlaylists): PlaylistLoaderConstructor {
  return class implements Loader<PlaylistLoaderContext> {
    context: PlaylistLoaderContext | null = null;
    private readonly asking: Loader<PlaylistLoaderContext>;
    /** Of what was pushed. */
    private given: LoaderStats | null = null;
    private timer = 0;
    private unwant = (): unknown => undefined;
    private readonly isByPart: boolean;

    constructor(config: HlsConfig) {
      this.isByPart = config.lowLatencyMode;
      this.asking = new player.DefaultConfig.loader(config) as Loader<PlaylistLoaderContext>;
    }

    get stats(): LoaderStats {
      return this.given ?? this.asking.stats;
    }

    load(context: PlaylistLoaderContext, config: LoaderConfiguration, callbacks: Callbacks): void {
      this.context = context;
      const { msn, part, skip } = context.deliveryDirectives ?? {};
      const line = this.isByPart ? lineOf(context.url) : null;
      const began = performance.now();
      let isAsked = false;
      const ask = (given = callbacks): void => {
        if (isAsked) return;
        isAsked = true;
        clearTimeout(this.timer);
        this.asking.load(context, config, given);
      };
      const askAsWell = (): void => ask(this.ending(callbacks, began));
      if (line && skip && msn !== undefined && part !== undefined) {
        // What is pushed is a difference, for who has what was before.
        this.unwant = pushed.want(line, { sequence: msn, part, tell: (text) => this.give(text, began, callbacks), ask: askAsWell });
        if (pushed.isOpen) this.timer = window.setTimeout(askAsWell, PATIENCE_MS * (1 + SPREAD * Math.random()));
        else askAsWell();
      } else if (line && msn === undefined && pushed.isOpen && context.levelOrTrack?.details) {
        // Nothing has come for a while, and the player looks again and again: it is told.
        this.unwant = pushed.next((text) => (text && skip && !isAsked ? this.give(text, began, callbacks) : ask()));
        this.timer = window.setTimeout(ask, LOOK_AGAIN_MS);
      } else ask();
    }

    abort(): void {
      this.stop();
      this.asking.abort();
    }

    destroy(): void {
      this.stop();
      this.asking.destroy();
      this.context = null;
    }

    getCacheAge(): number | null {
      return this.given ? null : (this.asking.getCacheAge?.() ?? null);
    }

    getResponseHeader(name: string): string | null {
      return this.given ? null : (this.asking.getResponseHeader?.(name) ?? null);
    }

    private stop(): void {
      clearTimeout(this.timer);
      this.unwant();
    }

    private give(text: string, began: number, { onSuccess }: Callbacks): void {
      const { context } = this;
      if (!context) return;
      this.stop();
      this.asking.destroy();
      this.given = statsOf(text.length, began);
      onSuccess({ url: context.url, data: text }, this.given, context, null);
    }

    /** The player's callbacks, for what was asked for: then nothing is waited for. */
    private ending(callbacks: Callbacks, began: number): Callbacks {
      return {
        ...callbacks,
        onSuccess: (...answer) => {
          this.stop();
          pushed.outrun(began);
          callbacks.onSuccess(...answer);
        },
        onError: (...said) => {
          this.stop();
          callbacks.onError(...said);
        },
        onTimeout: (...said) => {
          this.stop();
          callbacks.onTimeout(...said);
        },
      };
    }
  };
}

function statsOf(length: number, began: number): LoaderStats {
  const now = performance.now();
  return {
    aborted: false,
    loaded: length,
    total: length,
    retry: 0,
    chunkCount: 1,
    bwEstimate: 0,
    loading: { start: began, first: now, end: now },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
}
