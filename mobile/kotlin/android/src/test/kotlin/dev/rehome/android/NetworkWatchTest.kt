package dev.rehome.android

import android.net.ConnectivityManager
import android.net.LinkAddress
import android.net.LinkProperties
import android.net.Network
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.net.InetAddress

@RunWith(RobolectricTestRunner::class)
class NetworkWatchTest {
    private val connectivity = RuntimeEnvironment.getApplication().service<ConnectivityManager>()
    private val shadow = shadowOf(connectivity)
    private val told = Told()
    private val watch = NetworkWatch(connectivity, told)
    private val other: Network = ShadowNetwork.newInstance(999)

    /** The network that is there when the watch begins. */
    private val first: Network get() = checkNotNull(connectivity.activeNetwork)
    private val callback: ConnectivityManager.NetworkCallback get() = shadow.networkCallbacks.single()

    @After
    fun end() = watch.close()

    private fun properties(vararg addresses: String): LinkProperties {
        val made = addresses.map { text ->
            val (address, length) = text.split('/')
            ReflectionHelpers.callConstructor(
                LinkAddress::class.java,
                ClassParameter.from(InetAddress::class.java, InetAddress.getByName(address)),
                ClassParameter.from(Int::class.javaPrimitiveType, length.toInt()),
            )
        }
        return LinkProperties().apply {
            ReflectionHelpers.callInstanceMethod<Unit>(this, "setLinkAddresses", ClassParameter.from(Collection::class.java, made))
        }
    }

    @Test
    fun `the network that is there is no news`() {
        watch.start()
        callback.onAvailable(first)
        callback.onLinkPropertiesChanged(first, properties("192.0.2.1/24"))
        callback.onBlockedStatusChanged(first, false)
        assertEquals(emptyList<String>(), told.take())
    }

    @Test
    fun `none is told at once, and the first one afterwards`() {
        shadow.setActiveNetworkInfo(null)
        watch.start()
        assertEquals(listOf("networkDown"), told.take())
        callback.onAvailable(other)
        callback.onBlockedStatusChanged(other, false)
        assertEquals(listOf("networkChanged"), told.take())
    }

    @Test
    fun `lost and found is down and changed`() {
        watch.start()
        val network = first
        callback.onAvailable(network)
        callback.onLost(network)
        assertEquals(listOf("networkDown"), told.take())
        callback.onAvailable(network)
        assertEquals(listOf("networkChanged"), told.take())
    }

    @Test
    fun `another network is a change, and the end of the one before it is no news`() {
        watch.start()
        val before = first
        callback.onAvailable(before)
        callback.onAvailable(other)
        callback.onLost(before)
        assertEquals(listOf("networkChanged"), told.take())
    }

    @Test
    fun `a network that Android blocks is none`() {
        watch.start()
        val network = first
        callback.onBlockedStatusChanged(network, true)
        assertEquals(listOf("networkDown"), told.take())
        callback.onBlockedStatusChanged(network, true)
        assertEquals(emptyList<String>(), told.take())
        callback.onBlockedStatusChanged(network, false)
        assertEquals(listOf("networkChanged"), told.take())
    }

    @Test
    fun `an address that is gone is a change, one more is none`() {
        watch.start()
        val network = first
        callback.onLinkPropertiesChanged(network, properties("192.0.2.1/24", "fe80::1/64"))
        callback.onLinkPropertiesChanged(network, properties("192.0.2.1/24", "2001:db8::1/64", "fe80::2/64"))
        assertEquals(emptyList<String>(), told.take())
        callback.onLinkPropertiesChanged(network, properties("192.0.2.9/24", "2001:db8::1/64"))
        assertEquals(listOf("networkChanged"), told.take())
    }

    @Test
    fun `closed, it listens no more, and twice is as once`() {
        watch.start()
        watch.start()
        assertEquals(1, shadow.networkCallbacks.size)
        watch.close()
        watch.close()
        assertTrue(shadow.networkCallbacks.isEmpty())
    }
}
