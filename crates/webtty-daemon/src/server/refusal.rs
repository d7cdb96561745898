//! Answers to who is not served: without hyper, because there is no request or no room for one.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use webtty_protocol::ErrorCode;

use crate::error::ApiError;
use crate::limits::GOODBYE_TIMEOUT;

/// Writes a refusal to who has just come, and closes. An answer before the question would be
/// taken for none, so the question is waited for.
pub(super) async fn turn_away(mut stream: impl AsyncRead + AsyncWrite + Unpin, message: &str) {
    let asked = timeout(GOODBYE_TIMEOUT, stream.read(&mut [0; 1024])).await;
    if matches!(asked, Ok(Ok(1..))) {
        refuse(stream, ErrorCode::Unavailable, message).await;
    }
}

/// Writes a refusal and closes.
pub(super) async fn refuse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    code: ErrorCode,
    message: &str,
) {
    let goodbye = async {
        stream
            .write_all(&ApiError::new(code, message).into_last_words())
            .await?;
        stream.shutdown().await?;
        // With something unread the system would reset the connection, and the answer with it.
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let _ = timeout(GOODBYE_TIMEOUT, goodbye).await;
}
