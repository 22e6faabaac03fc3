/**
 * The one HTTP client of the page scripts: session cookie, CSRF header, problem details.
 *
 * An answer that is not a success becomes a `Problem`; a line that failed is one with status 0,
 * so that every caller has one kind of error to show.
 */
import { t } from "./i18n.ts";

/** RFC 9457 problem details as the service sends them, or a failed line (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** What is wrong; empty where only one thing is said. */
  readonly title: string;
  /** What to do about it. */
  readonly detail: string;
  readonly fields: Record<string, string>;

  constructor(status: number, code: string, detail: string, fields: Record<string, string> = {}, title = "") {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.fields = fields;
  }

  /** The line or the server failed, not the request: the same may well work in a moment. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  /** Let the request outlive the page. */
  keepalive?: boolean;
  signal?: AbortSignal;
}

/** The JSON answer to a request, `null` where there is none. @throws Problem */
export async function request<T>(url: string, options: Options = {}): Promise<T> {
  const response = await send(url, options);
  const text = await response.text().catch(() => "");
  if (!response.ok) throw problemOf(response.status, text);
  return (text ? JSON.parse(text) : null) as T;
}

async function send(url: string, { method = "GET", body, headers, ...rest }: Options): Promise<Response> {
  const sent: Record<string, string> = { Accept: "application/json", ...headers };
  if (method !== "GET") sent["X-CSRF-Token"] = csrfToken();
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  try {
    return await fetch(url, { method, headers: sent, credentials: "same-origin", ...content, ...rest });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "line", t("error.line"));
  }
}

/** What a refusal says: its problem details, or plain words where it came from something between. */
export function problemOf(status: number, text: string): Problem {
  const content = parse(text);
  const detail = content?.detail ?? content?.title ?? t(status === 401 ? "error.signedOut" : "error.server");
  return new Problem(status, content?.code ?? "unknown", detail, content?.errors ?? {}, content?.detail ? content.title : "");
}

interface Details {
  code?: string;
  title?: string;
  detail?: string;
  errors?: Record<string, string>;
}

function parse(text: string): Details | null {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === "object" ? (content as Details | null) : null;
  } catch {
    return null;
  }
}
