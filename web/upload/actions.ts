/** What a person can do on the upload page; uploader.ts carries it out. */
import type { FieldName } from "./vocabulary.ts";

export interface Actions {
  chooseFiles(): void;
  chooseFolder(): void;
  drop(transfer: DataTransfer): void;
  select(keys: string[]): void;
  pause(key: string): void;
  /** Now: after a pause, or before the countdown of a failed line ends. */
  resume(key: string): void;
  first(key: string): void;
  /** Open the kept handles of these rows again, or ask for the files. */
  reopen(keys: string[]): void;
  again(key: string): void;
  remove(keys: string[]): void;
  /** Take one back that the service is working on. */
  cancel(key: string): void;
  edit(keys: string[], field: FieldName, value: string): void;
  setAudience(keys: string[], audience: string[]): void;
}
