//! Sockets, HTTP, WebSockets and authentication over webtty-core.
