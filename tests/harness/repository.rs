//! Git repositories on a loopback port, served by git's own program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Folder;

/// A server of one repository, `shop.git`.
#[derive(Debug)]
pub struct GitServer {
    address: String,
    folder: Folder,
}

impl GitServer {
    /// Serves a repository that is empty at first.
    ///
    /// # Panics
    /// When git is not there, or there is no port to listen on.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "starting a server is no default")]
    pub fn new() -> Self {
        let folder = Folder::new();
        git(folder.path(), &["init", "-q", "shop.git"]);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let root = folder.path().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let root = root.clone();
                std::thread::spawn(move || serve(stream, &root));
            }
        });
        Self { address, folder }
    }

    /// `HOST:PORT`, as a configuration names a server that may be private.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where it is cloned from.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/shop.git", self.address)
    }

    /// Commits files, and tags the state.
    ///
    /// # Panics
    /// When git refuses.
    pub fn commit(&self, tag: &str, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.folder.file(&format!("shop.git/{path}"), text.as_bytes());
        }
        let work = self.folder.path().join("shop.git");
        git(&work, &["add", "-A"]);
        git(&work, &["commit", "-q", "-m", tag]);
        git(&work, &["tag", tag]);
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let settings = [
        "user.name=t",
        "user.email=t@example.org",
        "init.defaultBranch=main",
    ];
    let mut command = Command::new("git");
    command.current_dir(folder);
    for setting in settings {
        command.args(["-c", setting]);
    }
    let output = command.args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {told}");
}

/// A request, as CGI wants it.
struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(stream);
        let mut first = String::new();
        lines.read_line(&mut first).ok()?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut request = Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: Vec::new(),
        };
        let length: usize = request.header("content-length").parse().unwrap_or(0);
        request.body.resize(length, 0);
        lines.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value)
    }
}

fn serve(mut stream: TcpStream, root: &PathBuf) {
    let Some(request) = Request::read(&stream) else {
        return;
    };
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", request.path.replace("/shop.git/", "/shop.git/.git/"))
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", request.header("content-type"))
        .env("HTTP_CONTENT_ENCODING", request.header("content-encoding"))
        .env("GIT_PROTOCOL", request.header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = backend.stdin.take().unwrap();
    // It may not want all of it.
    let _ = input.write_all(&request.body);
    drop(input);
    let answer = backend.wait_with_output().unwrap().stdout;
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..end]);
    let status = head
        .lines()
        .find_map(|line| line.strip_prefix("Status: "))
        .unwrap_or("200 OK");
    let body = &answer[end + 4..];
    let head = format!(
        "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}
