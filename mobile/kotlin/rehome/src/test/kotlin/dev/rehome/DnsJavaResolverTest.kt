package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.LookupKind
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.xbill.DNS.DClass
import org.xbill.DNS.Flags
import org.xbill.DNS.Message
import org.xbill.DNS.Name
import org.xbill.DNS.ResolverConfig
import org.xbill.DNS.SRVRecord
import org.xbill.DNS.Section
import org.xbill.DNS.config.ResolverConfigProvider
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.SocketException
import kotlin.concurrent.thread

private const val NAME = "_sip._udp.example.test"

/** What goes wrong on the way is told apart and tried again; right answers are tested at the lab, too. */
class DnsJavaResolverTest {
    private val here = InetAddress.getByName("127.0.0.1")

    /** A DNS server that answers questions but for the first so many; with one record, or as [answer] says. */
    private inner class Server(val drops: Int = 0, val answer: (Message) -> ByteArray = ::record) : AutoCloseable {
        private val socket = DatagramSocket(0, here)
        val address get() = InetSocketAddress(here, socket.localPort)

        init {
            thread(isDaemon = true) {
                try {
                    repeat(Int.MAX_VALUE) { serve(it) }
                } catch (_: SocketException) {
                    // Closed.
                }
            }
        }

        private fun serve(number: Int) {
            val packet = DatagramPacket(ByteArray(SIZE), SIZE)
            socket.receive(packet)
            if (number < drops) return
            val bytes = answer(Message(packet.data.copyOf(packet.length)))
            socket.send(DatagramPacket(bytes, bytes.size, packet.socketAddress))
        }

        override fun close() = socket.close()
    }

    private fun record(question: Message): ByteArray = Message(question.header.id).apply {
        header.setFlag(Flags.QR.toInt())
        addRecord(question.question, Section.QUESTION)
        addRecord(SRVRecord(question.question.name, DClass.IN, 60, 1, 1, 5060, Name.fromString("a.test.")), Section.ANSWER)
    }.toWire()

    private fun DnsJavaResolver.ask(timeoutMs: Long = PATIENCE_MS): Answer =
        runBlocking { lookup(NAME, LookupKind.SRV, timeoutMs) }

    private fun targets(answer: Answer) = (answer as? Answer.Srv)?.records?.map { it.target } ?: listOf(answer)

    private fun closed(): InetSocketAddress = DatagramSocket(0, here).use { InetSocketAddress(here, it.localPort) }

    @Test
    fun `silence is a time-out`() = DatagramSocket(0, here).use { silent ->
        val resolver = DnsJavaResolver(InetSocketAddress(here, silent.localPort))
        assertEquals(Answer.Failed(LookupFailure.TIMEOUT), resolver.ask(300))
    }

    @Test
    fun `a closed port is no silence`() = assertEquals(Answer.Failed(LookupFailure.NETWORK), DnsJavaResolver(closed()).ask())

    @Test
    fun `a question that was lost is asked again`() = Server(drops = 1).use { server ->
        assertEquals(listOf("a.test"), targets(DnsJavaResolver(server.address).ask()))
    }

    @Test
    fun `where one server is silent the next is asked in time`() = Server().use { good ->
        Server(drops = Int.MAX_VALUE).use { silent ->
            val resolver = DnsJavaResolver(DnsJavaResolver.Servers { listOf(silent.address, good.address) })
            // The policy's own default.
            assertEquals(listOf("a.test"), targets(resolver.ask(5000)))
        }
    }

    @Test
    fun `nonsense is malformed, and no trouble of the network`() {
        // One question announced, none there.
        val nonsense =
            Server { byteArrayOf((it.header.id shr 8).toByte(), it.header.id.toByte(), -127, 0, 0, 1, 0, 0, 0, 0, 0, 0) }
        nonsense.use { assertEquals(Answer.Failed(LookupFailure.MALFORMED), DnsJavaResolver(it.address).ask()) }
    }

    @Test
    fun `the system's servers are those of the moment`() = Server().use { server ->
        val usual = ResolverConfig.getConfigProviders()
        var servers = listOf(closed())
        val provider = object : ResolverConfigProvider {
            private var read = servers

            override fun initialize() {
                read = servers
            }

            override fun servers() = read

            override fun searchPaths() = emptyList<Name>()
        }
        try {
            ResolverConfig.setConfigProviders(listOf(provider))
            val resolver = DnsJavaResolver()
            assertEquals(Answer.Failed(LookupFailure.NETWORK), resolver.ask())
            servers = listOf(server.address)
            assertEquals(listOf("a.test"), targets(resolver.ask()))
        } finally {
            ResolverConfig.setConfigProviders(usual)
            ResolverConfig.refresh()
        }
    }

    @Test
    fun `where there is no server that is a failure of the network`() {
        val resolver = DnsJavaResolver(DnsJavaResolver.Servers { emptyList() })
        assertEquals(Answer.Failed(LookupFailure.NETWORK), resolver.ask())
    }

    @Test
    fun `what is no name is not asked for`() = runBlocking {
        assertEquals(Answer.Failed(LookupFailure.OTHER), DnsJavaResolver(closed()).lookup("a..b", LookupKind.SRV, 300))
    }

    private companion object {
        const val SIZE = 1500
        const val PATIENCE_MS = 20_000L
    }
}
