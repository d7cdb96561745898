//! What the tests share: a daemon on any free port, viewers, a shell that does as told.
