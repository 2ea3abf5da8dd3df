//! TLS over a socket: `rustls` with `ring`, and the certificates that the system trusts.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{self, Read as _, Write as _};
use std::sync::{Arc, OnceLock};

use hyper::rt::{Read, ReadBufCursor, Write};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::super::super::net::Host;
use super::super::{ErrorCode, TlsAlert};
use super::code_within;
use super::provider::provider;
use super::socket::{READ_SIZE, Socket};

/// Makes connections secure. Clones share the certificates, which are read when they are needed first.
#[derive(Clone, Default)]
pub(super) struct Connector {
    config: Arc<OnceLock<Result<Arc<ClientConfig>, ErrorCode>>>,
}

impl Connector {
    /// Shakes hands over `socket` with what must prove to be `host`.
    pub(super) async fn connect(&self, socket: Socket, host: &Host) -> Result<Secured, ErrorCode> {
        let config = self.config.get_or_init(config).clone()?;
        let name = match host {
            Host::Name(name) => {
                ServerName::try_from(name.as_str().to_owned()).map_err(|_| ErrorCode::HttpRequestUriInvalid)?
            }
            Host::Address(ip) => ServerName::IpAddress((*ip).into()),
        };
        let connection = ClientConnection::new(config, name).map_err(|error| code(&error))?;
        let mut secured = Secured { socket, connection };
        poll_fn(|_| secured.poll_handshake())
            .await
            .map_err(|error| code_within(&error).unwrap_or(ErrorCode::ConnectionTerminated))?;
        Ok(secured)
    }
}

fn config() -> Result<Arc<ClientConfig>, ErrorCode> {
    let mut roots = RootCertStore::empty();
    // Some certificates of a system are often broken; what counts is whether any are left.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ErrorCode::InternalError(Some("this system has no certificates to trust".into())));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| code(&error))?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

/// A connection through TLS.
pub(super) struct Secured {
    socket: Socket,
    connection: ClientConnection,
}

impl Secured {
    fn poll_handshake(&mut self) -> Poll<io::Result<()>> {
        while self.connection.is_handshaking() {
            ready!(self.poll_send())?;
            if self.connection.is_handshaking() && ready!(self.poll_receive())? == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
        self.poll_send()
    }

    /// Sends whatever is encrypted.
    fn poll_send(&mut self) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut Blocking(&self.socket)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
                Ok(_) => {}
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Receives something encrypted; 0 bytes are the end.
    fn poll_receive(&mut self) -> Poll<io::Result<usize>> {
        let size = match self.connection.read_tls(&mut Blocking(&self.socket)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) => return Poll::Ready(Err(error)),
            Ok(size) => size,
        };
        if let Err(error) = self.connection.process_new_packets() {
            // The peer is told why, if it still listens.
            let _ = self.poll_send();
            return Poll::Ready(Err(io::Error::other(code(&error))));
        }
        Poll::Ready(Ok(size))
    }
}

impl Read for Secured {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, mut buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; READ_SIZE];
        let room = buffer.remaining().min(READ_SIZE);
        loop {
            match self.connection.reader().read(&mut bytes[..room]) {
                // An end that TLS does not tell is an error here, and so does not look like the end of a body.
                Ok(size) => {
                    buffer.put_slice(&bytes[..size]);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => _ = ready!(self.poll_receive())?,
                Err(error) => return Poll::Ready(Err(error)),
            }
            // An answer of TLS itself, such as a new key.
            if let Poll::Ready(Err(error)) = self.poll_send() {
                return Poll::Ready(Err(error));
            }
        }
    }
}

impl Write for Secured {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // What was taken before goes first, so that no more than one piece is kept here.
        ready!(self.poll_send())?;
        let size = self.connection.writer().write(bytes)?;
        match self.poll_send() {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(size)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send()
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.send_close_notify();
        ready!(self.poll_send())?;
        Poll::Ready(self.socket.shut_down())
    }
}

/// A socket that says `WouldBlock` where it has left its source with the driver.
struct Blocking<'s>(&'s Socket);

impl io::Read for Blocking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        taken(self.0.receive(buffer))
    }
}

impl io::Write for Blocking<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        taken(self.0.send(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn taken(poll: Poll<io::Result<usize>>) -> io::Result<usize> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

fn code(error: &rustls::Error) -> ErrorCode {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => ErrorCode::TlsCertificateError,
        rustls::Error::AlertReceived(alert) => ErrorCode::TlsAlertReceived(TlsAlert {
            id: Some(u8::from(*alert)),
            message: alert.as_str().map(str::to_owned),
        }),
        _ => ErrorCode::TlsProtocolError,
    }
}
