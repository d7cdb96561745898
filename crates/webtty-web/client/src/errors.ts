// What can go wrong between a client and the daemon.

import type { ErrorBody, ErrorCode } from "./generated/protocol.js";

/** The daemon said no. The message is a sentence for people. */
export class Refused extends Error {
  override readonly name = "Refused";
  /** The HTTP status; null for what was asked over the hub. */
  readonly status: number | null;
  /** Stable, one for each cause; `unknown` when something else than the daemon answered. */
  readonly code: ErrorCode | "unknown";
  /** After how many seconds it is worth trying again, where the daemon says so. */
  readonly retryAfterSeconds: number | null;

  constructor(status: number | null, code: ErrorCode | "unknown", message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
    this.status = status;
    this.code = code;
  }
}

/** No answer came: the daemon or the network is down. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** What a response of another status than wished for says. */
export async function refusal(response: Response): Promise<Refused> {
  const retryAfter = response.headers.get("retry-after");
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  try {
    const { error } = (await response.json()) as ErrorBody;
    return new Refused(response.status, error.code, error.message, seconds);
  } catch {
    return new Refused(response.status, "unknown", `the daemon answered ${response.status}`, seconds);
  }
}
