//! The wish to end: SIGTERM and SIGINT, and readers who have gone. Elsewhere than on Unix nobody is told: the system ends
//! the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
pub(crate) use unix::when_unread;

/// Whether the program is asked to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish(Arc<AtomicBool>);

impl Wish {
    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Nobody is told.
    #[cfg(not(unix))]
    pub(crate) fn listen(_: impl FnOnce() + Send + 'static) -> std::io::Result<Self> {
        Ok(Self::default())
    }
}

/// Nobody is told.
#[cfg(not(unix))]
pub(crate) fn when_unread(_: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use std::thread;

    use rustix::event::{self, PollFd, PollFlags};
    use rustix::io::Errno;
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::Wish;

    impl Wish {
        /// Takes note of the signals from now on, and calls `then` at the first one. A second one ends the program at
        /// once, as it would without us.
        pub(crate) fn listen(then: impl FnOnce() + Send + 'static) -> io::Result<Self> {
            let wish = Self::default();
            let noted = wish.clone();
            for signal in [SIGTERM, SIGINT] {
                // First: it acts only if the flag is set already, which the thread below does at the first signal.
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
    }

    /// Calls `then` when nobody reads standard output any more, which a program without anything to write would not
    /// notice.
    pub(crate) fn when_unread(then: impl FnOnce() + Send + 'static) -> io::Result<()> {
        thread::Builder::new().name("cti-output".into()).spawn(move || is_unread().then(then)).map(drop)
    }

    /// Waits until that is so; `false` if it cannot be told.
    fn is_unread() -> bool {
        let out = io::stdout();
        // No event is asked for: that nobody reads is told unasked.
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
    }
}
