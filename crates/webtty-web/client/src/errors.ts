// What can go wrong between a client and the daemon.

import type { ErrorBody, ErrorCode } from "./generated/protocol.js";

/** The daemon said no. The message is a sentence for people. */
export class Refused extends Error {
  override readonly name = "Refused";
  /** The HTTP status; null for what was asked over the hub. */
  readonly status: number | null;
  /** Stable, one for each cause; `unknown` when something else than the daemon answered. */
  readonly code: ErrorCode | "unknown";

  constructor(status: number | null, code: ErrorCode | "unknown", message: string) {
    super(message);
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
  try {
    const { error } = (await response.json()) as ErrorBody;
    return new Refused(response.status, error.code, error.message);
  } catch {
    return new Refused(response.status, "unknown", `the daemon answered ${response.status}`);
  }
}
