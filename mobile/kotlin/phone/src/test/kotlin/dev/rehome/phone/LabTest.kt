package dev.rehome.phone

import dev.rehome.Decided
import dev.rehome.DnsJavaResolver
import dev.rehome.PushWakeEnd
import dev.rehome.RegistrationDriver
import dev.rehome.ffi.Answer
import dev.rehome.ffi.Config
import dev.rehome.ffi.EventKind
import dev.rehome.ffi.FailureReason
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.LossReason
import dev.rehome.ffi.RefreshConfig
import dev.rehome.ffi.RegistrationState
import dev.rehome.ffi.RolloverConfig
import dev.rehome.ffi.Unreachable
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.net.InetAddress
import java.util.concurrent.CopyOnWriteArrayList

/** Registers for real at the lab; what waits for ever has failed. */
@Timeout(120)
class LabTest {
    /** A phone, and what it decided. */
    private class Device(val user: String, transport: String, change: Config.() -> Config = { this }) {
        private val scope = CoroutineScope(Job() + Dispatchers.Default)
        private val resolver = DnsJavaResolver(Lab.dns)
        private val tls = Options.parse(arrayOf("--srv", "_sip._$transport.example.test", "--ca", Lab.ca.path)).tls
        private val registrar =
            JainRegistrar(Account(user, "secret", null), resolver, InetAddress.getByName("127.0.0.1"), tls)
        private val config = Config(
            srvRecord = "_sip._$transport.example.test",
            rollover = RolloverConfig(attemptTimeoutMs = 1000, retryIntervalMs = 1000, recoverySpreadMs = 0),
            refresh = RefreshConfig(expires = 120, intervalMs = 5000),
        ).change()
        val driver = RegistrationDriver(config, resolver, registrar, scope, seed = 1)
        val events = CopyOnWriteArrayList<Decided>()

        init {
            scope.launch(start = CoroutineStart.UNDISPATCHED) { driver.events.collect { events += it } }
        }

        /** The next event of a kind, or one that came already. */
        suspend inline fun <reified T : EventKind> await(crossinline wanted: (T) -> Boolean = { true }): T {
            val found = withTimeoutOrNull(PATIENCE_MS) {
                var event: T? = null
                while (event == null) {
                    event = events.map { it.event.kind }.filterIsInstance<T>().find { wanted(it) }
                    if (event == null) delay(TICK_MS)
                }
                event
            }
            return checkNotNull(found) { "${T::class.simpleName} did not come; what came: ${driver.exportScenario().scenario}" }
        }

        suspend fun close() {
            driver.close()
            scope.cancel()
        }
    }

    private fun device(user: String, transport: String, change: Config.() -> Config = { this }, test: suspend (Device) -> Unit) =
        runBlocking {
            val device = Device("$user-$transport", transport, change)
            try {
                test(device)
            } finally {
                device.close()
            }
        }

    @ParameterizedTest
    @ValueSource(strings = ["udp", "tcp", "tls"])
    fun `registers, refreshes, unregisters`(transport: String) = device("one", transport) { device ->
        device.driver.start()
        val home = device.await<EventKind.Registered>()
        assertEquals(120, home.expires)
        val bound = Lab.bindings(device.user).single()
        assertEquals(home.target.host.substringBefore('.') to transport, bound)
        device.await<EventKind.Refreshed>()
        assertEquals(1, Lab.bindings(device.user).size)
        device.driver.stop()
        assertEquals(emptyList<Any>(), Lab.bindings(device.user))
    }

    @ParameterizedTest
    @ValueSource(strings = ["udp", "tcp", "tls"])
    fun `loses data centre 1, and comes home at a login`(transport: String) = device("story", transport) { device ->
        device.driver.start()
        device.await<EventKind.Registered> { it.target.host.startsWith("dc1-") }
        Lab.datacentre(1, device.user, """{"kind":"silent"}""")
        val away = device.await<EventKind.Registered> { it.target.host.startsWith("dc2-") }
        assertTrue(away.target.host.substringBefore('.') in Lab.bindings(device.user).map { it.first })
        Lab.datacentre(1, device.user, null)
        device.driver.agentLogin()
        val left = device.await<EventKind.HomeLeft> { it.to.host.startsWith("dc1-") }
        device.await<EventKind.Unregistered> { it.target.host == away.target.host && it.confirmed }
        device.driver.status.first { it.state == RegistrationState.REGISTERED && it.primary && it.trying == null }
        assertTrue(Lab.bindings(device.user).none { it.first.startsWith("dc2-") }, "${Lab.bindings(device.user)}")
        assertTrue(left.to.host.substringBefore('.') in Lab.bindings(device.user).map { it.first })
        device.driver.stop()
    }

    @ParameterizedTest
    @ValueSource(strings = ["tcp", "tls"])
    fun `a lost connection is told`(transport: String) = device("flow", transport) { device ->
        device.driver.start()
        val home = device.await<EventKind.Registered>()
        Lab.datacentre(1, device.user, """{"kind":"refuse"}""")
        assertEquals(home.target.text(), device.await<EventKind.FlowLost>().target.text())
        Lab.datacentre(1, device.user, null)
        device.await<EventKind.Refreshed>()
        device.driver.stop()
    }

    @Test
    fun `a connection that ends right after the answer is a success and a loss, each time`() = device("hang", "tcp") { device ->
        Lab.datacentre(1, device.user, """{"kind":"hangUp"}""")
        device.driver.start()
        device.await<EventKind.Registered>()
        // Three losses in a row, and the next registrar's turn.
        assertEquals(LossReason.FAILURES, device.await<EventKind.HomeLost>().reason)
        assertTrue(device.events.none { it.event.kind is EventKind.AttemptFailed }, "${device.events}")
        Lab.datacentre(1, device.user, null)
    }

    @Test
    fun `a connection that ends under a REGISTER is its outcome`() = device("cut", "tcp") { device ->
        Lab.datacentre(1, device.user, """{"kind":"refuse"}""")
        device.driver.start()
        val failed = device.await<EventKind.AttemptFailed>()
        assertEquals(Unreachable.CLOSED, (failed.reason as FailureReason.Unreachable).cause)
        Lab.datacentre(1, device.user, null)
    }

    @Test
    fun `what an answer says is handed in`() = device("says", "udp") { device ->
        Lab.datacentre(1, device.user, """{"kind":"status","code":423,"minExpires":600}""")
        device.driver.start()
        assertEquals(600, device.await<EventKind.LongerExpires>().expires)
        Lab.datacentre(1, device.user, """{"kind":"status","code":503,"retryAfter":77}""")
        device.await<EventKind.AttemptFailed> { it.reason == FailureReason.Status(503) }
        assertEquals(77, device.await<EventKind.TargetHeld>().seconds)
        Lab.datacentre(1, device.user, """{"kind":"status","code":403}""")
        device.await<EventKind.AttemptRejected> { it.code == 403 }
        Lab.datacentre(1, device.user, null)
    }

    @Test
    fun `a wrong password is a rejection, after one challenge`() = runBlocking {
        val resolver = DnsJavaResolver(Lab.dns)
        val registrar = JainRegistrar(Account("wrong", "guess", null), resolver, InetAddress.getByName("127.0.0.1"), null)
        val driver = RegistrationDriver(Config(srvRecord = "_sip._udp.example.test"), resolver, registrar, this)
        val rejected = CompletableDeferred<EventKind.AttemptRejected>()
        val telling = launch(start = CoroutineStart.UNDISPATCHED) {
            driver.events.collect { decided -> (decided.event.kind as? EventKind.AttemptRejected)?.let(rejected::complete) }
        }
        driver.start()
        assertNotNull(withTimeoutOrNull(PATIENCE_MS) { rejected.await() })
        driver.close()
        telling.cancel()
    }

    @Test
    fun `a push wake registers within its budget`() = device("push", "udp") { device ->
        assertEquals(PushWakeEnd.REGISTERED, device.driver.pushWake(10_000).end)
        device.driver.stop()
    }

    @Test
    fun `a lookup tells no name from no data, and reads what is long`() = runBlocking {
        val resolver = DnsJavaResolver(Lab.dns)

        suspend fun ask(name: String) = resolver.lookup("_sip._udp.$name.odd.example.test", LookupKind.SRV, 5000)
        assertTrue(ask("missing") is Answer.NoName)
        assertTrue(ask("empty") is Answer.NoData)
        assertEquals(200, (ask("many") as Answer.Srv).records.size)
        assertTrue(ask("..") is Answer.Failed)
        val address = resolver.lookup("dc1-spx1.example.test", LookupKind.A, 5000)
        assertEquals(listOf("127.0.1.1"), (address as Answer.Addresses).addresses)
    }

    private fun dev.rehome.ffi.Target.text() = "$host:$port"

    private companion object {
        const val PATIENCE_MS = 40_000L
        const val TICK_MS = 20L
    }
}
