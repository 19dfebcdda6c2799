package dev.rehome.phone

import dev.rehome.DnsJavaResolver
import dev.rehome.RegistrationDriver
import dev.rehome.ffi.Config
import dev.rehome.ffi.EventKind
import dev.rehome.ffi.FailureReason
import dev.rehome.ffi.TlsName
import dev.rehome.ffi.Unreachable
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.parallel.Isolated
import java.net.InetAddress

/** Rule 1.6 for real: the certificate must carry the action's TLS name, whatever the host is called. */
@Isolated
@Timeout(120)
class CertificateTest {
    @AfterEach
    fun usual() = Lab.certificates(null)

    /** The first thing that came of a REGISTER over TLS. */
    private fun first(certificate: String, tlsName: TlsName?): EventKind = runBlocking {
        Lab.certificates(certificate)
        val resolver = DnsJavaResolver(Lab.dns)
        val tls = Options.parse(arrayOf("--srv", "_sip._tls.example.test", "--ca", Lab.ca.path)).tls
        val account = Account("certified", "secret", "example.test")
        val registrar = JainRegistrar(account, resolver, InetAddress.getByName("127.0.0.1"), tls)
        val driver =
            RegistrationDriver(Config(srvRecord = "_sip._tls.example.test", tlsName = tlsName), resolver, registrar, this)
        val came = async(start = kotlinx.coroutines.CoroutineStart.UNDISPATCHED) {
            driver.events.map { it.event.kind }.first { it is EventKind.Registered || it is EventKind.AttemptFailed }
        }
        driver.start()
        withTimeout(PATIENCE_MS) { came.await() }.also { driver.close() }
    }

    private fun refused(certificate: String, tlsName: TlsName?) {
        val failed = first(certificate, tlsName) as EventKind.AttemptFailed
        assertEquals(Unreachable.TLS, (failed.reason as FailureReason.Unreachable).cause, certificate)
    }

    @Test
    fun `the certificate of the domain is right, that of the target is not`() {
        first("domain", null) as EventKind.Registered
        refused("target", null)
    }

    @Test
    fun `the other way round if so configured`() {
        first("target", TlsName.Target) as EventKind.Registered
        refused("domain", TlsName.Target)
    }

    @Test
    fun `an old certificate, and one of a stranger's, are refused`() {
        refused("expired", null)
        refused("otherCa", null)
    }

    private companion object {
        const val PATIENCE_MS = 20_000L
    }
}
