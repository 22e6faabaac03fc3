/** What describes a resource, and the page's own configuration (`#upload-config`). */

export const FIELDS = ["title", "kind", "stage", "grade", "subject", "edition", "unit", "lesson", "summary"] as const;
export type FieldName = (typeof FIELDS)[number];
export type Fields = Record<FieldName, string>;

export interface Option {
  value: string;
  label: string;
}

/** A choice of who may see; one that `needs_review` waits for its `reviewer` first. */
export interface Audience {
  token: string;
  label: string;
  needs_review: boolean;
  reviewer: string | null;
}

export interface Config {
  audiences: Audience[];
  vocabulary: Partial<Record<FieldName, Option[]>>;
  max_bytes: number;
  /** File name endings (`.mp4`) and media types (`video/*`), as in the accept attribute of HTML. */
  accept: string[];
  user_id: number;
}

export const NO_FIELDS: Fields = {
  title: "", kind: "", stage: "", grade: "", subject: "", edition: "", unit: "", lesson: "", summary: "",
};
