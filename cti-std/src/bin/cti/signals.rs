//! The wish to end: SIGTERM and SIGINT, and readers who have gone.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::event::{self, PollFd, PollFlags};
use rustix::io::Errno;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Whether the program is asked to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish(Arc<AtomicBool>);

impl Wish {
    /// Takes note of the signals from now on, and calls `then` at the first one. A second one ends the program at once,
    /// as it would without us.
    pub(crate) fn listen(then: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let wish = Self::default();
        let noted = wish.clone();
        for signal in [SIGTERM, SIGINT] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&wish.0))?;
        }
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        thread::Builder::new().name("cti-signals".into()).spawn(move || {
            if signals.forever().next().is_some() {
                noted.0.store(true, Ordering::Release);
                then();
            }
        })?;
        Ok(wish)
    }

    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Calls `then` when nobody reads standard output any more, which a program without anything to write would not notice.
pub(crate) fn when_unread(then: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let wait = || {
        let out = io::stdout();
        let mut watched = [PollFd::new(&out, PollFlags::empty())];
        loop {
            match event::poll(&mut watched, None) {
                Err(Errno::INTR) => {}
                Err(_) => return false,
                Ok(_) => {
                    let [out] = &watched;
                    return out.revents().intersects(PollFlags::ERR | PollFlags::HUP);
                }
            }
        }
    };
    thread::Builder::new().name("cti-output".into()).spawn(move || wait().then(then)).map(drop)
}
