//! Two halves of a connection that cannot be split itself.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::Poll;

use embassy_futures::select::{Either, select};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::mutex::Mutex;
use embedded_io_async::{ErrorType, Read, Write};

use crate::waiting::Waiting;

/// A connection in one piece, for [`Runner::exchange`](crate::Runner::exchange) in two; or for TLS that is split itself,
/// and asks for a transport that can be copied.
///
/// A `read` that waits is dropped for every write and made again: the `read` of `T` must lose nothing by that. While a
/// write waits nothing is read. What splits by itself, as sockets and TLS do, needs none of this.
pub struct Halves<T> {
    io: Mutex<NoopRawMutex, T>,
    /// Whether a write wants the connection.
    is_writing: Cell<bool>,
    /// The task of both halves: one waker is enough, as they are polled together.
    waker: RefCell<Waiting>,
}

/// One of them. Either can do both.
pub struct Half<'h, T>(&'h Halves<T>);

impl<T> Clone for Half<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Half<'_, T> {}

impl<T> Halves<T> {
    /// Takes a connection.
    pub const fn new(io: T) -> Self {
        let waker = RefCell::new(Waiting::new());
        Self { io: Mutex::new(io), is_writing: Cell::new(false), waker }
    }

    /// Its halves, for one task.
    pub fn split(&mut self) -> (Half<'_, T>, Half<'_, T>) {
        self.is_writing.set(false);
        (Half(self), Half(self))
    }

    /// Gives the connection back.
    pub fn into_inner(self) -> T {
        self.io.into_inner()
    }

    /// Waits until a write wants the connection, or none does.
    async fn until_writing_is(&self, wanted: bool) {
        poll_fn(|context| {
            if self.is_writing.get() == wanted {
                return Poll::Ready(());
            }
            self.waker.borrow_mut().register(context.waker());
            Poll::Pending
        })
        .await;
    }

    /// Notes whether one does, and wakes who waits for that.
    fn set_writing(&self, is_writing: bool) {
        self.is_writing.set(is_writing);
        self.waker.borrow_mut().wake();
    }
}

/// A write that wants the connection, until it is done or dropped.
struct Turn<'h, T>(&'h Halves<T>);

impl<'h, T> Turn<'h, T> {
    fn new(halves: &'h Halves<T>) -> Self {
        halves.set_writing(true);
        Self(halves)
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.0.set_writing(false);
    }
}

impl<T: ErrorType> ErrorType for Half<'_, T> {
    type Error = T::Error;
}

impl<T: Read> Read for Half<'_, T> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        loop {
            // A write that is under way comes first, or it would wait for bytes that may never come.
            self.0.until_writing_is(false).await;
            let mut io = self.0.io.lock().await;
            if let Either::First(result) = select(io.read(buffer), self.0.until_writing_is(true)).await {
                return result;
            }
        }
    }
}

impl<T: Write> Write for Half<'_, T> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let _turn = Turn::new(self.0);
        self.0.io.lock().await.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        let _turn = Turn::new(self.0);
        self.0.io.lock().await.flush().await
    }
}
