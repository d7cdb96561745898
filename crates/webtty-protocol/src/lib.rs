//! What crosses a wire: ids, REST bodies, WebSocket messages, close codes, limits.
