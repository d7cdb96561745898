//! A daemon that has run out of descriptors says so, and goes on when it has some again.

use std::fs;
use std::process::Command;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Home, soon};

/// Sets the soft limit of descriptors of another process.
fn limit(pid: &str, descriptors: usize) {
    let status = Command::new("prlimit")
        .args(["--pid", pid, &format!("--nofile={descriptors}:")])
        .status()
        .expect("prlimit, of util-linux");
    assert!(status.success());
}

/// Asks for something. Gives the status, and the connection, which stays open if the daemon
/// keeps it.
async fn ask(host: &str) -> (u16, TcpStream) {
    let mut stream = soon(TcpStream::connect(host)).await.expect("connected");
    let head = format!("GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut start = [0; "HTTP/1.1 200".len()];
    soon(stream.read_exact(&mut start))
        .await
        .expect("an answer");
    let start = String::from_utf8_lossy(&start).into_owned();
    let status = start.split(' ').nth(1).and_then(|text| text.parse().ok());
    (status.expect("a status"), stream)
}

/// How many descriptors a process has open.
fn descriptors(pid: &str) -> usize {
    let open = fs::read_dir(format!("/proc/{pid}/fd"));
    open.expect("its descriptors").count()
}

#[tokio::test]
async fn a_descriptor_is_free_again_whatever_the_peer_does() {
    let home = Home::new();
    let url = home.ok(&["start"]).await.stdout;
    let host = url.trim_start_matches("http://").trim_end().to_owned();
    let host = host.split('/').next().expect("a host").to_owned();
    let pid = home.daemon().expect("it runs").to_string();
    let before = descriptors(&pid);
    let mut kept = Vec::new();
    for bad in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: \u{fc}\r\n\r\n",
        "\0\r\n\r\n",
        "POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        for _ in 0..20 {
            let mut stream = soon(TcpStream::connect(&host)).await.expect("connected");
            stream.write_all(bad.as_bytes()).await.expect("sent");
            // The answer and the end are taken, and this side of it stays open.
            let mut answer = Vec::new();
            soon(stream.read_to_end(&mut answer)).await.expect("an end");
            assert!(answer.starts_with(b"HTTP/1.1 400 "), "{bad:?}");
            kept.push(stream);
        }
    }
    // What tells how many there are may be among them.
    soon(async {
        while descriptors(&pid) > before + 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(kept.len(), 100);
}

#[tokio::test]
async fn without_a_descriptor_left_whoever_comes_is_told() {
    let home = Home::new();
    let url = home.ok(&["start"]).await.stdout;
    let host = url.trim_start_matches("http://").trim_end().to_owned();
    let host = host.split('/').next().expect("a host").to_owned();
    let pid = home.daemon().expect("it runs").to_string();
    assert_eq!(ask(&host).await.0, 200);
    let highest = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("its descriptors")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<usize>().ok())
        .max()
        .expect("some");
    limit(&pid, highest + 1);
    // Whatever numbers are still free are taken by these, and those that become free only now, of
    // connections that have ended: then each who comes is told.
    let mut held = Vec::new();
    let denied = loop {
        let mut told = 0;
        while told < 3 {
            let (status, stream) = ask(&host).await;
            match status {
                200 => {
                    held.push(stream);
                    told = 0;
                }
                status => {
                    assert_eq!(status, 503);
                    told += 1;
                }
            }
        }
        let denied = home.run(&["ls"]).await;
        if denied.code != Some(0) {
            break denied;
        }
    };
    assert!(denied.stderr.contains("no descriptor left"), "{denied:?}");
    limit(&pid, 1024);
    soon(async { while ask(&host).await.0 != 200 {} }).await;
    soon(async { while home.run(&["ls"]).await.code != Some(0) {} }).await;
    home.session("a", &["sleep", "1000"]).await;
}
