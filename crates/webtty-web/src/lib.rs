//! The page in the browser, embedded.
