package dev.rehome.android

import dev.rehome.RegistrationDriver

/** What Android tells the driver. */
internal interface Inputs {
    fun networkDown()

    fun networkChanged()

    fun resumed()

    fun timerSlack(ms: Long)

    companion object {
        fun of(driver: RegistrationDriver): Inputs = object : Inputs {
            override fun networkDown() = driver.networkDown()

            override fun networkChanged() = driver.networkChanged()

            override fun resumed() = driver.resumed()

            override fun timerSlack(ms: Long) = driver.timerSlack(ms)
        }
    }
}
