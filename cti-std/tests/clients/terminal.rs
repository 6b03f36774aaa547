//! The command on a terminal: a pseudo-terminal, and what stands on its screen.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Pty, open};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{Parser, Screen};

use super::command::{PATIENCE, wait};

/// A process on a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    pty: Pty,
    parser: Arc<Mutex<Parser>>,
}

fn size(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

impl Terminal {
    /// Starts `cti ARGS` on a screen of this size.
    pub(crate) fn start(columns: u16, rows: u16, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(rows, columns)).unwrap();
        let command = pty_process::blocking::Command::new(env!("CARGO_BIN_EXE_cti")).args(args);
        let command = command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8").env_remove("NO_COLOR");
        let command = variables.iter().fold(command, |command, (name, value)| command.env(name, value));
        let child = command.spawn(pts).unwrap();
        let parser = Arc::new(Mutex::new(Parser::new(size(rows), size(columns), 0)));
        let mut reader = std::fs::File::from(pty_of(&pty));
        let written = Arc::clone(&parser);
        thread::spawn(move || {
            let mut buffer = [0; 65_536];
            // A terminal that nobody uses any more cannot be read from.
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                written.lock().unwrap().process(&buffer[..n]);
            }
        });
        Self { child, pty, parser }
    }

    /// Presses keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the screen another size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.lock().unwrap().set_size(size(rows), size(columns));
        self.pty.resize(Size::new(rows, columns)).unwrap();
    }

    /// What stands on the screen, line by line.
    pub(crate) fn text(&self) -> String {
        self.parser.lock().unwrap().screen().contents()
    }

    /// Waits until these stand on the screen.
    pub(crate) fn shows(&self, texts: &[&str]) -> Screen {
        self.until(&format!("{texts:?}"), |text| texts.iter().all(|wanted| text.contains(wanted)))
    }

    /// Waits until it does not stand there.
    pub(crate) fn hides(&self, unwanted: &str) {
        self.until(&format!("not {unwanted:?}"), |text| !text.contains(unwanted));
    }

    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> Screen {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.parser.lock().unwrap().screen().clone();
            if is_so(&screen.contents()) {
                return screen;
            }
            assert!(Instant::now() < deadline, "the screen never shows {what}:\n{}", screen.contents());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end. The screen has to be given back as it was before, with its cursor.
    pub(crate) fn finish(mut self) -> (i32, String) {
        let status = wait(&mut self.child).code().expect("an exit status");
        let deadline = Instant::now() + PATIENCE;
        let is_back = |screen: &Screen| !screen.alternate_screen() && !screen.hide_cursor();
        while !is_back(self.parser.lock().unwrap().screen()) {
            assert!(Instant::now() < deadline, "the screen was not given back");
            thread::sleep(Duration::from_millis(10));
        }
        (status, self.text())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A second descriptor of the terminal, to read from.
fn pty_of(pty: &Pty) -> OwnedFd {
    use std::os::fd::AsFd as _;
    pty.as_fd().try_clone_to_owned().unwrap()
}
