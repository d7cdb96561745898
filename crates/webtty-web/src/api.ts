// The REST paths the page uses.

import * as auth from "./auth";
import type { CreateSession, ErrorBody, LoginReply, PageSettings, SessionInfo } from "./generated/protocol";

/** How long the daemon may take to answer before it counts as out of reach. */
const PATIENCE_MS = 10_000;

/** The daemon said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No answer came: the daemon or the network is down. */
export class Unreachable extends Error {}

/** The daemon, as seen from one page. */
export class Api {
  /** The session whose page this is, or null; its own credential goes before the general one. */
  session: string | null;

  constructor(session: string | null) {
    this.session = session;
  }

  credential(): auth.Credential | null {
    return auth.credential(this.session);
  }

  async login(key: string): Promise<LoginReply> {
    const response = await this.#request("POST", "/api/login", { key }, null);
    const reply = (await response.json()) as LoginReply;
    auth.keep(reply, this.session);
    return reply;
  }

  settings(): Promise<PageSettings> {
    return this.#get("/api/config");
  }

  sessions(): Promise<SessionInfo[]> {
    return this.#get("/api/sessions");
  }

  sessionInfo(id: string): Promise<SessionInfo> {
    return this.#get(`/api/sessions/${id}`);
  }

  async create(body: CreateSession): Promise<SessionInfo> {
    const response = await this.#authorized("POST", "/api/sessions", body);
    return (await response.json()) as SessionInfo;
  }

  async end(id: string): Promise<void> {
    await this.#authorized("DELETE", `/api/sessions/${id}`);
  }

  async #get<Body>(path: string): Promise<Body> {
    const response = await this.#authorized("GET", path);
    return (await response.json()) as Body;
  }

  /** Tries again with the general credential when the daemon no longer takes the session's. */
  async #authorized(method: string, path: string, body?: unknown): Promise<Response> {
    for (;;) {
      const used = this.credential();
      try {
        return await this.#request(method, path, body, used?.token ?? null);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 401 || used === null) throw error;
        auth.drop(used.token);
      }
    }
  }

  async #request(method: string, path: string, body: unknown, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (token !== null) headers["authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: unknown) => {
      throw new Unreachable("the daemon does not answer", { cause: error });
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

async function refusal(response: Response): Promise<Refused> {
  const fallback = `the daemon answered ${response.status}`;
  try {
    const { error } = (await response.json()) as ErrorBody;
    return new Refused(response.status, error.code, error.message);
  } catch {
    return new Refused(response.status, "unknown", fallback);
  }
}
