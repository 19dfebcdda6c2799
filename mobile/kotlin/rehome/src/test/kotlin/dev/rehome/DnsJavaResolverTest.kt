package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.LookupKind
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress

/** What goes wrong on the way is told apart; right answers are tested at the lab. */
class DnsJavaResolverTest {
    private val here = InetAddress.getByName("127.0.0.1")

    private fun ask(port: Int, name: String = "_sip._udp.example.test") = runBlocking {
        DnsJavaResolver(InetSocketAddress(here, port)).lookup(name, LookupKind.SRV, 300)
    }

    @Test
    fun `silence is a time-out`() = DatagramSocket(0, here).use { silent ->
        assertEquals(Answer.Failed(LookupFailure.TIMEOUT), ask(silent.localPort))
    }

    @Test
    fun `a closed port is no silence`() {
        val closed = DatagramSocket(0, here).use { it.localPort }
        assertEquals(Answer.Failed(LookupFailure.NETWORK), ask(closed))
    }

    @Test
    fun `what is no name is not asked for`() {
        assertEquals(Answer.Failed(LookupFailure.OTHER), ask(53, "a..b"))
    }
}
