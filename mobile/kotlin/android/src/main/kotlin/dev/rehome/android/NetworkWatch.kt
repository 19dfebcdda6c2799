package dev.rehome.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.Network
import dev.rehome.RegistrationDriver
import java.net.InetAddress

/**
 * Tells the driver about the network that the app uses: `networkDown` where there is none, or where Android blocks the app's use
 * of it (doze, data saver; told from Android 10 on), `networkChanged` where there is one again, another one, or where the device
 * lost one of its addresses on it (rules 3.7, 4.6). Make it beside the driver, before `start` of either; needs the permission
 * ACCESS_NETWORK_STATE, which the archive's manifest brings.
 */
public class NetworkWatch internal constructor(
    private val connectivity: ConnectivityManager,
    private val inputs: Inputs,
) : AutoCloseable {
    public constructor(context: Context, driver: RegistrationDriver) :
        this(context.service<ConnectivityManager>(), Inputs.of(driver))

    private var network: Network? = null
    private var blocked = false
    private var addresses: Set<InetAddress>? = null

    /** Whether there is a network, as the driver was told. */
    private var told = true
    private var watching = false

    /** Begins to listen; says `networkDown` at once where there is no network. */
    @Synchronized
    public fun start() {
        if (watching) return
        network = connectivity.activeNetwork
        tell(changed = false)
        connectivity.registerDefaultNetworkCallback(callback)
        watching = true
    }

    /** Ends it. */
    @Synchronized
    override fun close() {
        if (!watching) return
        connectivity.unregisterNetworkCallback(callback)
        watching = false
    }

    private val callback = object : ConnectivityManager.NetworkCallback() {
        override fun onAvailable(network: Network) = available(network)

        override fun onLost(network: Network) = lost(network)

        override fun onBlockedStatusChanged(network: Network, blocked: Boolean) = blocked(network, blocked)

        override fun onLinkPropertiesChanged(network: Network, properties: LinkProperties) = addressed(network, properties)
    }

    @Synchronized
    private fun available(network: Network) {
        val changed = network != this.network
        if (changed) {
            this.network = network
            blocked = false
            addresses = null
        }
        tell(changed)
    }

    @Synchronized
    private fun lost(network: Network) {
        // Where another took its place, that was told before.
        if (network != this.network) return
        this.network = null
        addresses = null
        tell(changed = false)
    }

    @Synchronized
    private fun blocked(network: Network, blocked: Boolean) {
        if (network != this.network) return
        this.blocked = blocked
        tell(changed = false)
    }

    @Synchronized
    private fun addressed(network: Network, properties: LinkProperties) {
        if (network != this.network) return
        val now = properties.linkAddresses.map { it.address }.filterNot(InetAddress::isLinkLocalAddress).toSet()
        val before = addresses
        addresses = now
        // One that is new besides the others is no reason to move; one that is gone was perhaps the Contact's.
        tell(changed = before != null && !now.containsAll(before))
    }

    private fun tell(changed: Boolean) {
        val usable = network != null && !blocked
        if (usable && (changed || !told)) inputs.networkChanged()
        if (!usable && told) inputs.networkDown()
        told = usable
    }
}
