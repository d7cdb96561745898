// An answer that is lines of JSON, as they come.

/** The values of a body's lines. Who stops taking them ends the request. */
export async function* jsonLines<Line>(body: ReadableStream<Uint8Array>): AsyncGenerator<Line, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      const lines = text.split("\n");
      text = done ? "" : (lines.pop() ?? "");
      // An empty line says nothing.
      for (const line of lines) if (line !== "") yield JSON.parse(line) as Line;
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}
