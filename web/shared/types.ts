/** The shapes of the JSON API that the scripts stand on (`/api/v1/openapi.json` describes them). */

export type ResourceState = "checking" | "playable" | "encoding" | "published" | "failed";

export interface Failure {
  code: string;
  message: string;
  remedy: string;
  may_retry: boolean;
}

export interface Progress {
  step: string;
  /** 0–100 of the step. */
  percent: number;
  /** Seconds until the step is done; `null` while nobody can tell. */
  eta_s: number | null;
}

/** The fields of a resource that the scripts read. */
export interface Resource {
  id: number;
  title: string;
  state: ResourceState;
  viewable: boolean;
  poster: string | null;
  failure: Failure | null;
  progress: Progress | null;
  job_id: number | null;
}

export interface Rendition {
  name: string;
  width: number;
  height: number;
  /** bit/s */
  bandwidth: number;
}

/** `GET /resources/{id}/media`, as far as the player reads it. */
export interface Media {
  state: ResourceState;
  /** More may come: ask again. */
  growing: boolean;
  duration_s: number | null;
  hls: string | null;
  sound: string | null;
  poster: string | null;
  storyboard: string | null;
  renditions: Rendition[];
  position_s: number;
}

export interface Page<T> {
  items: T[];
  next?: string | null;
}
