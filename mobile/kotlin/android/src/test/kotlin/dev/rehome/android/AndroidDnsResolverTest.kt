package dev.rehome.android

import android.net.DnsResolver
import android.system.ErrnoException
import dev.rehome.ffi.Answer
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.SrvRecord
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowNetwork
import org.xbill.DNS.Rcode
import org.xbill.DNS.Type

private const val NAME = "_sip._udp.example.test"

@OptIn(ExperimentalCoroutinesApi::class)
@RunWith(RobolectricTestRunner::class)
class AndroidDnsResolverTest {
    private suspend fun lookup(dns: FakeDns): Answer = AndroidDnsResolver(dns) { null }.lookup(NAME, LookupKind.SRV, 5000)

    @Test
    fun `asks the core's question on the network given, and reads the answer by the core's code`() = runTest {
        val dns = FakeDns { answer(it, records = arrayOf(srv(NAME, 10, 5060, "dc1.example.test"))) }
        val network = ShadowNetwork.newInstance(7)
        val found = AndroidDnsResolver(dns) { network }.lookup(NAME, LookupKind.SRV, 5000)
        assertEquals(Answer.Srv(listOf(SrvRecord(10, 1, 5060, "dc1.example.test")), 60), found)
        val question = dns.questions.single().question
        assertEquals("$NAME.", question.name.toString())
        assertEquals(Type.SRV, question.type)
        assertEquals(listOf(network), dns.networks)
        assertFalse(dns.signals.single().isCanceled)
    }

    @Test
    fun `a name that does not exist is told from a server that fails`() = runTest {
        val none = FakeDns { answer(it, Rcode.NXDOMAIN, records = arrayOf(soa("example.test", 30))) }
        assertEquals(Answer.NoName(30), lookup(none))
        assertEquals(Answer.NoData(30), lookup(FakeDns { answer(it, records = arrayOf(soa("example.test", 30))) }))
        assertEquals(Answer.Failed(LookupFailure.SERV_FAIL), lookup(FakeDns { answer(it, Rcode.SERVFAIL) }))
        assertEquals(Answer.Failed(LookupFailure.REFUSED), lookup(FakeDns { answer(it, Rcode.REFUSED) }))
    }

    @Test
    fun `an answer that is cut short, another's, or nonsense is malformed`() = runTest {
        val malformed = Answer.Failed(LookupFailure.MALFORMED)
        assertEquals(malformed, lookup(FakeDns { answer(it, cut = true) }))
        assertEquals(malformed, lookup(FakeDns { RawDns.Reply.Message(byteArrayOf(1, 2, 3)) }))
        val another = org.xbill.DNS.Message.newQuery(srv("_sip._tcp.example.test", 1, 1, "a.test"))
        assertEquals(malformed, lookup(FakeDns { answer(another) }))
    }

    @Test
    fun `what takes too long is cancelled, and is a time-out`() = runTest {
        val dns = FakeDns { null }
        assertEquals(Answer.Failed(LookupFailure.TIMEOUT), lookup(dns))
        assertEquals(5000, currentTime)
        assertTrue(dns.signals.single().isCanceled)
        // The platform may have been about to answer all the same.
        dns.back?.invoke(answer(dns.questions.single()))
    }

    @Test
    fun `a lookup that nobody waits for is cancelled`() = runTest {
        val dns = FakeDns { null }
        val job = async { lookup(dns) }
        runCurrent()
        assertFalse(dns.signals.single().isCanceled)
        job.cancel()
        runCurrent()
        assertTrue(dns.signals.single().isCanceled)
    }

    @Test
    fun `what cannot be asked is not asked`() = runTest {
        val dns = FakeDns { null }
        val found = AndroidDnsResolver(dns) { null }.lookup("a..b", LookupKind.A, 5000)
        assertEquals(Answer.Failed(LookupFailure.OTHER), found)
        assertTrue(dns.questions.isEmpty())
    }

    @Test
    fun `the platform's errors have their meaning`() = runTest {
        fun meaning(errno: Int) = PlatformDns.meaning(DnsResolver.ERROR_SYSTEM, ErrnoException("resNetworkResult", errno))
        assertEquals(LookupFailure.TIMEOUT, meaning(110))
        assertEquals(LookupFailure.NETWORK, meaning(64))
        assertEquals(LookupFailure.NETWORK, meaning(101))
        assertEquals(LookupFailure.NETWORK, meaning(111))
        assertEquals(LookupFailure.OTHER, meaning(22))
        assertEquals(LookupFailure.OTHER, PlatformDns.meaning(DnsResolver.ERROR_SYSTEM, null))
        assertEquals(LookupFailure.MALFORMED, PlatformDns.meaning(DnsResolver.ERROR_PARSE, null))
        assertEquals(Answer.Failed(LookupFailure.NETWORK), lookup(FakeDns { failed(LookupFailure.NETWORK) }))
    }

    @Test
    fun `an older Android without dnsjava says what to add`() {
        OlderAndroid.dnsJava { String::class.java }
        val error = assertThrows(IllegalStateException::class.java) { OlderAndroid.dnsJava { throw NoClassDefFoundError("org/xbill") } }
        assertTrue("${error.message}", "implementation(\"dnsjava:dnsjava:" in error.message!!)
    }

    @Test
    fun `an older Android without a network says so`() = runTest {
        val found = OlderAndroid.over { emptyList() }.lookup(NAME, LookupKind.SRV, 5000)
        assertEquals(Answer.Failed(LookupFailure.NETWORK), found)
    }
}
